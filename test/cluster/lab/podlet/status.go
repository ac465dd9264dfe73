package main

import (
	"context"
	"encoding/json"
	"log"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// mark asks for the status to be written soon.
func (w *worker) mark() {
	select {
	case w.dirty <- struct{}{}:
	default:
	}
}

// pushStatus writes the pod's status as a kubelet would.
func (w *worker) pushStatus() {
	w.mu.Lock()
	ready := true
	anyRun := false
	var css []v1.ContainerStatus
	for _, sc := range w.pod.Spec.Containers {
		c := w.cs[sc.Name]
		st := v1.ContainerStatus{Name: sc.Name, Image: sc.Image, ImageID: sc.Image, Ready: c.ready, RestartCount: c.restarts, ContainerID: "podlet://" + string(w.pod.UID) + "-" + sc.Name}
		started := c.running
		st.Started = &started
		if c.running {
			anyRun = true
			st.State.Running = &v1.ContainerStateRunning{StartedAt: metav1.NewTime(c.started)}
		} else {
			st.State.Waiting = c.waiting()
		}
		st.LastTerminationState.Terminated = c.last
		ready = ready && c.ready
		css = append(css, st)
	}
	var iss []v1.ContainerStatus
	for _, c := range w.inits {
		iss = append(iss, c.initStatus(string(w.pod.UID)))
	}
	initialised := w.initialised
	w.mu.Unlock()
	phase := v1.PodPending
	if anyRun {
		phase = v1.PodRunning
	}
	b := func(x bool) v1.ConditionStatus {
		if x {
			return v1.ConditionTrue
		}
		return v1.ConditionFalse
	}
	now := metav1.Now()
	t0 := metav1.NewTime(w.start)
	rt := now
	if ready && w.readyA.IsZero() {
		w.readyA = time.Now()
		log.Printf("ready %s/%s: sandbox %v, ready %v after bound", w.pod.Namespace, w.pod.Name, w.podUp.Sub(w.start).Round(time.Millisecond), w.readyA.Sub(w.start).Round(time.Millisecond))
	}
	st := map[string]any{"phase": phase, "hostIP": *hostIP, "hostIPs": []any{map[string]any{"ip": *hostIP}}, "podIP": w.sb.ip, "podIPs": []any{map[string]any{"ip": w.sb.ip}}, "startTime": t0, "containerStatuses": css, "initContainerStatuses": iss,
		"conditions": []v1.PodCondition{{Type: v1.PodScheduled, Status: v1.ConditionTrue, LastTransitionTime: t0}, {Type: v1.PodInitialized, Status: b(initialised), LastTransitionTime: t0},
			{Type: v1.ContainersReady, Status: b(ready), LastTransitionTime: rt}, {Type: v1.PodReady, Status: b(ready), LastTransitionTime: rt}}}
	body, _ := json.Marshal(map[string]any{"metadata": map[string]any{"uid": w.pod.UID}, "status": st})
	for i := 0; i < 5; i++ {
		_, err := w.p.client.CoreV1().Pods(w.pod.Namespace).Patch(context.Background(), w.pod.Name, types.MergePatchType, body, metav1.PatchOptions{}, "status")
		if err == nil || errors.IsNotFound(err) || errors.IsConflict(err) {
			return
		}
		log.Print("status: ", err)
		time.Sleep(200 * time.Millisecond)
	}
	time.AfterFunc(time.Second, w.mark) // the API server may be away for long
}

func (c *ctr) initStatus(uid string) v1.ContainerStatus {
	st := v1.ContainerStatus{Name: c.spec.Name, Image: c.spec.Image, ImageID: c.spec.Image, Ready: c.ready, RestartCount: c.restarts, ContainerID: "podlet://" + uid + "-" + c.spec.Name}
	switch {
	case c.running:
		st.State.Running = &v1.ContainerStateRunning{StartedAt: metav1.NewTime(c.started)}
	case c.ready:
		st.State.Terminated = &v1.ContainerStateTerminated{Reason: "Completed", StartedAt: metav1.NewTime(c.started), FinishedAt: metav1.Now()}
	default:
		st.State.Waiting = &v1.ContainerStateWaiting{Reason: "PodInitializing"}
	}
	return st
}
