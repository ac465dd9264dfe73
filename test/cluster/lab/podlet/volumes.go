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

// mounts materialises secret, configMap, emptyDir and service account volumes as folders and returns a script that binds them.
func (w *worker) mounts(ctx context.Context, c *ctr) (string, error) {
	script := ""
	for _, vm := range c.spec.VolumeMounts {
		if strings.HasPrefix(*runDir+"/", vm.MountPath+"/") || strings.HasPrefix(*binDir+"/", vm.MountPath+"/") {
			continue // e.g. emptyDir at /tmp would hide the lab itself
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
