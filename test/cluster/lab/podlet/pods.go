package main

import (
	"context"
	"log"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// sync starts, stops or finally deletes a pod, as its object says.
func (p *podlet) sync(pod *v1.Pod) {
	if pod.Status.Phase == v1.PodSucceeded || pod.Status.Phase == v1.PodFailed {
		if pod.DeletionTimestamp != nil {
			p.finalDelete(pod)
		}
		return
	}
	if pod.DeletionTimestamp != nil {
		g := int64(30)
		if pod.DeletionGracePeriodSeconds != nil {
			g = *pod.DeletionGracePeriodSeconds
		}
		if !p.halt(pod.UID, g) {
			p.finalDelete(pod)
		}
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.workers[pod.UID] == nil {
		w := &worker{p: p, pod: pod.DeepCopy(), stop: make(chan int64, 1), cs: map[string]*ctr{}, dirty: make(chan struct{}, 1), start: time.Now()}
		p.workers[pod.UID] = w
		p.wg.Add(1)
		go w.run()
	}
}

// halt tells the pod's worker to stop; false when there is none.
func (p *podlet) halt(uid types.UID, grace int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.workers[uid]
	if w == nil {
		return false
	}
	w.once.Do(func() { w.stop <- grace })
	return true
}

// finalDelete removes the object of a pod that has ended.
func (p *podlet) finalDelete(pod *v1.Pod) {
	zero := int64(0)
	err := p.client.CoreV1().Pods(pod.Namespace).Delete(context.Background(), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &zero, Preconditions: &metav1.Preconditions{UID: &pod.UID}})
	if err != nil && !errors.IsNotFound(err) && !errors.IsConflict(err) {
		log.Print("delete: ", err)
	}
}
