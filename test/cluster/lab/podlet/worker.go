package main

import (
	"context"
	"log"
	"maps"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
)

// worker runs one pod from its binding to its end.
type worker struct {
	p           *podlet
	pod         *v1.Pod
	sb          *sandbox
	stop        chan int64 // grace seconds
	once        sync.Once
	mu          sync.Mutex
	cs          map[string]*ctr
	inits       []*ctr
	initialised bool
	dirty       chan struct{}
	start       time.Time
	podUp       time.Time
	readyA      time.Time
}

// run is the life of a pod: start, status whenever something changes, then preStop, SIGTERM, SIGKILL after the grace period.
func (w *worker) run() {
	p := w.p
	defer p.wg.Done()
	key := w.pod.Namespace + "/" + w.pod.Name
	if w.pod.Annotations["lab/no-address"] != "" { // as where a network plugin fails
		<-w.stop
		w.leave()
		return
	}
	w.sb = <-p.pool
	w.podUp = time.Now()
	for _, c := range w.pod.Spec.Containers {
		w.cs[c.Name] = &ctr{spec: c}
	}
	for _, c := range w.pod.Spec.InitContainers {
		w.inits = append(w.inits, &ctr{spec: c})
	}
	w.pushStatus() // the pod gets its address now, as with a kubelet once the sandbox is up
	sctx, cancel := context.WithCancel(context.Background())
	pctx, pcancel := context.WithCancel(context.Background()) // as in a kubelet, readiness probes go on while the pod terminates
	defer pcancel()
	go func() {
		if !w.initialise(sctx) {
			return
		}
		for _, c := range w.cs {
			go w.keep(sctx, c)
			go w.probe(pctx, c)
		}
	}()
	var grace int64
loop:
	for {
		select {
		case grace = <-w.stop:
			break loop
		case <-w.dirty:
			w.pushStatus()
		}
	}
	t0 := time.Now()
	cancel()
	dead := time.After(time.Duration(grace) * time.Second)
	var wg sync.WaitGroup
	for _, c := range w.all() {
		w.mu.Lock()
		cmd, done := c.cmd, c.done
		w.mu.Unlock()
		if cmd == nil {
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			if lc := c.spec.Lifecycle; lc != nil && lc.PreStop != nil && lc.PreStop.HTTPGet != nil && grace > 0 {
				hc := http.Client{Timeout: time.Duration(grace) * time.Second}
				if r, err := hc.Get(w.url(c, lc.PreStop.HTTPGet)); err == nil {
					r.Body.Close()
				}
			}
			cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-done:
			case <-time.After(time.Until(t0.Add(time.Duration(grace) * time.Second))):
				cmd.Process.Kill()
				<-done
			}
		}()
	}
	all := make(chan struct{})
	go func() { wg.Wait(); close(all) }()
wait:
	select {
	case <-all:
	case <-w.dirty:
		if p.ctx.Err() == nil {
			w.pushStatus()
		}
		goto wait
	case <-dead:
		w.mu.Lock()
		for _, c := range w.all() {
			if c.cmd != nil {
				c.cmd.Process.Kill()
			}
		}
		w.mu.Unlock()
		<-all
	}
	w.leave()
	log.Printf("gone %s after %v (grace %ds)", key, time.Since(t0).Round(time.Millisecond), grace)
	p.dropSandbox(w.sb)
}

// leave ends the pod's object, unless the podlet itself ends.
func (w *worker) leave() {
	if w.p.ctx.Err() == nil {
		w.p.finalDelete(w.pod)
	}
	w.p.mu.Lock()
	delete(w.p.workers, w.pod.UID)
	w.p.mu.Unlock()
}

// all are the containers of the pod and its init containers.
func (w *worker) all() []*ctr {
	return slices.AppendSeq(slices.Clone(w.inits), maps.Values(w.cs))
}
