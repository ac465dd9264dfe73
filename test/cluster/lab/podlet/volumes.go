package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	authv1 "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// mounts materialises secret, configMap, emptyDir and service account volumes as folders and returns a script that binds them. What a user
// runs does not talk to the API server, and starts sooner without a token.
func (w *worker) mounts(ctx context.Context, c *ctr) (string, error) {
	script := ""
	for _, vm := range c.spec.VolumeMounts {
		if strings.HasPrefix(*runDir+"/", vm.MountPath+"/") || strings.HasPrefix(*binDir+"/", vm.MountPath+"/") {
			continue // e.g. emptyDir at /tmp would hide the lab itself
		}
		if strings.HasPrefix(vm.Name, "kube-api-access-") && !strings.HasPrefix(c.spec.Image, "local/") {
			continue
		}
		dir := filepath.Join(*runDir, string(w.pod.UID), vm.Name)
		os.MkdirAll(dir, 0o755)
		for _, v := range w.pod.Spec.Volumes {
			if v.Name != vm.Name {
				continue
			}
			for ctx.Err() == nil {
				ok, err := w.fill(dir, v)
				if ok {
					break
				}
				if err != nil {
					log.Printf("volume %s/%s %s: %v", w.pod.Namespace, w.pod.Name, v.Name, err)
				}
				time.Sleep(500 * time.Millisecond)
			}
			if v.Secret != nil || v.ConfigMap != nil {
				go func() { // a kubelet refreshes about once a minute; here once a second
					for ctx.Err() == nil {
						time.Sleep(time.Second)
						w.fill(dir, v)
					}
				}()
			}
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		script += fmt.Sprintf("mkdir -p %[2]s; mount --bind %[1]s %[2]s; ", dir, vm.MountPath)
		if vm.ReadOnly {
			script += fmt.Sprintf("mount -o remount,bind,ro %s; ", vm.MountPath)
		}
	}
	return script, nil
}

// fill writes the files of a volume; false when its source is not there yet.
func (w *worker) fill(dir string, v v1.Volume) (bool, error) {
	data := map[string][]byte{}
	bg := context.Background()
	switch {
	case v.Secret != nil:
		s, err := w.p.client.CoreV1().Secrets(w.pod.Namespace).Get(bg, v.Secret.SecretName, metav1.GetOptions{})
		if err != nil {
			return v.Secret.Optional != nil && *v.Secret.Optional, err
		}
		data = s.Data
	case v.ConfigMap != nil:
		s, err := w.p.client.CoreV1().ConfigMaps(w.pod.Namespace).Get(bg, v.ConfigMap.Name, metav1.GetOptions{})
		if err != nil {
			return v.ConfigMap.Optional != nil && *v.ConfigMap.Optional, err
		}
		for k, x := range s.Data {
			data[k] = []byte(x)
		}
	case v.Projected != nil: // kube-api-access
		exp := int64(24 * 3600)
		tr, err := w.p.client.CoreV1().ServiceAccounts(w.pod.Namespace).CreateToken(bg, w.pod.Spec.ServiceAccountName, &authv1.TokenRequest{Spec: authv1.TokenRequestSpec{ExpirationSeconds: &exp}}, metav1.CreateOptions{})
		if err != nil {
			return false, err
		}
		data = map[string][]byte{"token": []byte(tr.Status.Token), "ca.crt": w.p.ca, "namespace": []byte(w.pod.Namespace)}
	}
	for k, b := range data {
		f := filepath.Join(dir, k)
		if old, err := os.ReadFile(f); err == nil && string(old) == string(b) {
			continue
		}
		os.WriteFile(f+".tmp", b, 0o644)
		os.Rename(f+".tmp", f)
	}
	return true, nil
}

// envFrom adds the variables that come from whole Secrets and ConfigMaps, once they are there.
func (w *worker) envFrom(ctx context.Context, c *ctr, env []string) ([]string, error) {
	for _, from := range c.spec.EnvFrom {
		for {
			data, err := w.source(ctx, from)
			if err == nil {
				for k, v := range data {
					env = append(env, from.Prefix+k+"="+v)
				}
				break
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			log.Printf("envFrom %s/%s %s: %v", w.pod.Namespace, w.pod.Name, c.spec.Name, err)
			time.Sleep(500 * time.Millisecond)
		}
	}
	return env, nil
}

func (w *worker) source(ctx context.Context, from v1.EnvFromSource) (map[string]string, error) {
	core := w.p.client.CoreV1()
	if ref := from.SecretRef; ref != nil {
		s, err := core.Secrets(w.pod.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		data := map[string]string{}
		for k, b := range s.Data {
			data[k] = string(b)
		}
		return data, nil
	}
	if ref := from.ConfigMapRef; ref != nil {
		s, err := core.ConfigMaps(w.pod.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		return s.Data, nil
	}
	return nil, nil
}
