package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ctr is one container: a process that is started anew whenever it ends.
type ctr struct {
	spec     v1.Container
	cmd      *exec.Cmd
	done     chan struct{}
	started  time.Time
	running  bool
	ready    bool
	restarts int32
	last     *v1.ContainerStateTerminated
}

// absent begins the names of images that cannot be pulled.
const absent = "dev.local/absent"

// waiting says why a container does not run, in a kubelet's words.
func (c *ctr) waiting() *v1.ContainerStateWaiting {
	switch {
	case strings.HasPrefix(c.spec.Image, absent):
		return &v1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "Back-off pulling image " + c.spec.Image}
	case c.last != nil:
		return &v1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off restarting failed container"}
	default:
		return &v1.ContainerStateWaiting{Reason: "ContainerCreating"}
	}
}

// env resolves the variables of a container, the downward API included.
func (w *worker) env(c *ctr) []string {
	env := []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}
	for _, e := range c.spec.Env {
		v := e.Value
		if e.ValueFrom != nil && e.ValueFrom.FieldRef != nil {
			switch fp := e.ValueFrom.FieldRef.FieldPath; {
			case fp == "metadata.name":
				v = w.pod.Name
			case fp == "metadata.namespace":
				v = w.pod.Namespace
			case fp == "metadata.uid":
				v = string(w.pod.UID)
			case fp == "status.podIP" || fp == "status.podIPs":
				v = w.sb.ip
			case fp == "status.hostIP":
				v = *hostIP
			case fp == "spec.nodeName":
				v = *nodeName
			case fp == "spec.serviceAccountName":
				v = w.pod.Spec.ServiceAccountName
			case strings.HasPrefix(fp, "metadata.labels['"):
				v = w.pod.Labels[strings.TrimSuffix(strings.TrimPrefix(fp, "metadata.labels['"), "']")]
			case strings.HasPrefix(fp, "metadata.annotations['"):
				v = w.pod.Annotations[strings.TrimSuffix(strings.TrimPrefix(fp, "metadata.annotations['"), "']")]
			}
		}
		env = append(env, e.Name+"="+v)
	}
	if d := w.pod.Annotations["lab/start-delay-ms"]; d != "" {
		env = append(env, "START_DELAY_MS="+d)
	}
	return env
}

// command is what runs for the image: binary, arguments, environment.
func (w *worker) command(c *ctr) (string, []string, []string) {
	env := w.env(c)
	img := c.spec.Image
	if i := strings.IndexByte(img, '@'); i > 0 {
		img = img[:i]
	}
	if n, ok := strings.CutPrefix(img, "dev.local/"); ok { // what a user's pod may run beside labapp: dev.local has no tags to resolve
		n, _, _ = strings.Cut(n, ":")
		if _, err := os.Stat(filepath.Join(*binDir, n)); err == nil {
			return filepath.Join(*binDir, n), c.spec.Args, env
		}
	}
	if n, ok := strings.CutPrefix(img, "local/"); ok {
		n, _, _ = strings.Cut(n, ":")
		if c.spec.Name != "queue-proxy" { // system pods talk to the API in-cluster, as their own service account
			h, pt, _ := strings.Cut(strings.TrimPrefix(w.p.server, "https://"), ":")
			env = append(env, "KUBERNETES_SERVICE_HOST="+h, "KUBERNETES_SERVICE_PORT="+pt)
		}
		return filepath.Join(*binDir, n), c.spec.Args, env
	}
	if len(c.spec.Ports) > 0 {
		env = append(env, fmt.Sprintf("APP_PORT=%d", c.spec.Ports[0].ContainerPort))
	}
	return filepath.Join(*binDir, "labapp"), nil, env
}

// keep runs the container until the pod stops.
func (w *worker) keep(ctx context.Context, c *ctr) {
	if strings.HasPrefix(c.spec.Image, absent) {
		<-ctx.Done()
		return
	}
	for ctx.Err() == nil {
		if err := w.runOnce(ctx, c); err == errStopped {
			return
		}
		w.mu.Lock()
		c.restarts++
		w.mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		w.mark()
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// initialise runs the init containers one after another, each until it succeeds, as a kubelet does; false when the pod stops meanwhile.
func (w *worker) initialise(ctx context.Context) bool {
	for _, c := range w.inits {
		for {
			err := w.runOnce(ctx, c)
			if ctx.Err() != nil {
				return false
			}
			w.mu.Lock()
			c.ready = err == nil // of an init container: it has done its work
			if err != nil {
				c.restarts++
			}
			w.mu.Unlock()
			w.mark()
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return false
			case <-time.After(time.Second):
			}
		}
	}
	w.mu.Lock()
	w.initialised = true
	w.mu.Unlock()
	w.mark()
	return true
}

// errStopped says that the pod stopped before the container could start.
var errStopped = errors.New("the pod stops")

// runOnce runs the container until it ends.
func (w *worker) runOnce(ctx context.Context, c *ctr) error {
	bin, args, env := w.command(c)
	script, err := w.mounts(ctx, c)
	if err != nil {
		return errStopped
	}
	if env, err = w.envFrom(ctx, c, env); err != nil {
		return errStopped
	}
	full := append([]string{"netns", "exec", w.sb.name}, append([]string{bin}, args...)...)
	if script != "" { // binds live in the mount namespace that ip netns exec made
		full = append([]string{"netns", "exec", w.sb.name, "sh", "-ec", script + `exec "$@"`, "sh", bin}, args...)
	}
	cmd := exec.Command("ip", full...)
	cmd.Env = env
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	lf, _ := os.OpenFile(filepath.Join(*runDir, w.pod.Namespace+"_"+w.pod.Name+"_"+c.spec.Name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	cmd.Stdout, cmd.Stderr = lf, lf
	done := make(chan struct{})
	err = cmd.Start()
	if err == nil {
		w.mu.Lock()
		c.cmd, c.done, c.started, c.running = cmd, done, time.Now(), true
		w.mu.Unlock()
		w.mark()
		err = cmd.Wait()
	}
	lf.Close()
	close(done)
	w.mu.Lock()
	c.running, c.ready = false, false
	c.last = &v1.ContainerStateTerminated{
		ExitCode: int32(cmd.ProcessState.ExitCode()), Reason: "Error",
		StartedAt: metav1.NewTime(c.started), FinishedAt: metav1.Now(),
	}
	w.mu.Unlock()
	if ctx.Err() == nil && err != nil {
		log.Printf("%s/%s container %s exited: %v", w.pod.Namespace, w.pod.Name, c.spec.Name, err)
	}
	return err
}
