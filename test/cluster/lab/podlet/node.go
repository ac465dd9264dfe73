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

// register makes the Node, with room for everything.
func (p *podlet) register() error {
	q := resource.MustParse
	rl := v1.ResourceList{v1.ResourceCPU: q("256"), v1.ResourceMemory: q("1Ti"), v1.ResourcePods: q("2000"), v1.ResourceEphemeralStorage: q("1Ti")}
	n := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: *nodeName, Labels: map[string]string{"kubernetes.io/hostname": *nodeName, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}}}
	if _, err := p.client.CoreV1().Nodes().Create(p.ctx, n, metav1.CreateOptions{}); err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	now := metav1.Now()
	st := v1.NodeStatus{Capacity: rl, Allocatable: rl, Addresses: []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: *hostIP}, {Type: v1.NodeHostName, Address: *nodeName}},
		Conditions: []v1.NodeCondition{{Type: v1.NodeReady, Status: v1.ConditionTrue, Reason: "Podlet", LastHeartbeatTime: now, LastTransitionTime: now}},
		NodeInfo:   v1.NodeSystemInfo{KubeletVersion: "v1.36.3-podlet", OperatingSystem: "linux", Architecture: "amd64"}}
	b, _ := json.Marshal(map[string]any{"status": st})
	_, err := p.client.CoreV1().Nodes().Patch(p.ctx, *nodeName, types.MergePatchType, b, metav1.PatchOptions{}, "status")
	return err
}

// heartbeat renews the Node's lease, without which its pods would be evicted.
func (p *podlet) heartbeat() {
	for {
		now := metav1.NowMicro()
		d := int32(40)
		ls := p.client.CoordinationV1().Leases("kube-node-lease")
		l, err := ls.Get(p.ctx, *nodeName, metav1.GetOptions{})
		if errors.IsNotFound(err) {
			_, err = ls.Create(p.ctx, &coordv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: *nodeName}, Spec: coordv1.LeaseSpec{HolderIdentity: nodeName, LeaseDurationSeconds: &d, RenewTime: &now}}, metav1.CreateOptions{})
		} else if err == nil {
			l.Spec.RenewTime = &now
			_, err = ls.Update(p.ctx, l, metav1.UpdateOptions{})
		}
		if err != nil && p.ctx.Err() == nil {
			log.Print("lease: ", err)
		}
		select {
		case <-p.ctx.Done():
			return
		case <-time.After(10 * time.Second):
		}
	}
}
