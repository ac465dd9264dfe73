package main

import (
	"encoding/json"
	"log"
	"time"

	coordv1 "k8s.io/api/coordination/v1"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// register makes the Node.
func (p *podlet) register() error {
	labels := map[string]string{"kubernetes.io/hostname": *nodeName, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
	n := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: *nodeName, Labels: labels}}
	if _, err := p.client.CoreV1().Nodes().Create(p.ctx, n, metav1.CreateOptions{}); err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	return p.reportReady()
}

// reportReady writes the Node's status, with room for everything.
func (p *podlet) reportReady() error {
	q := resource.MustParse
	room := v1.ResourceList{v1.ResourceCPU: q("256"), v1.ResourceMemory: q("1Ti"), v1.ResourcePods: q("2000"), v1.ResourceEphemeralStorage: q("1Ti")}
	now := metav1.Now()
	status := v1.NodeStatus{
		Capacity:    room,
		Allocatable: room,
		Addresses:   []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: *hostIP}, {Type: v1.NodeHostName, Address: *nodeName}},
		Conditions:  []v1.NodeCondition{{Type: v1.NodeReady, Status: v1.ConditionTrue, Reason: "Podlet", LastHeartbeatTime: now, LastTransitionTime: now}},
		NodeInfo:    v1.NodeSystemInfo{KubeletVersion: "v1.36.3-podlet", OperatingSystem: "linux", Architecture: "amd64"},
	}
	body, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return err
	}
	_, err = p.client.CoreV1().Nodes().Patch(p.ctx, *nodeName, types.MergePatchType, body, metav1.PatchOptions{}, "status")
	return err
}

// heartbeat says every ten seconds that the Node is well. The status is part of it: after an outage of the API server the Node counts as
// lost until its kubelet says otherwise.
func (p *podlet) heartbeat() {
	for p.ctx.Err() == nil {
		if err := p.renewLease(); err != nil {
			log.Print("lease: ", err)
		}
		if err := p.reportReady(); err != nil {
			log.Print("node: ", err)
		}
		select {
		case <-p.ctx.Done():
		case <-time.After(10 * time.Second):
		}
	}
}

func (p *podlet) renewLease() error {
	leases := p.client.CoordinationV1().Leases("kube-node-lease")
	now, duration := metav1.NowMicro(), int32(40)
	l, err := leases.Get(p.ctx, *nodeName, metav1.GetOptions{})
	if errors.IsNotFound(err) {
		spec := coordv1.LeaseSpec{HolderIdentity: nodeName, LeaseDurationSeconds: &duration, RenewTime: &now}
		_, err = leases.Create(p.ctx, &coordv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: *nodeName}, Spec: spec}, metav1.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	l.Spec.RenewTime = &now
	_, err = leases.Update(p.ctx, l, metav1.UpdateOptions{})
	return err
}
