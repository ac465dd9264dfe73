package main

import (
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	corev1l "k8s.io/client-go/listers/core/v1"
	discl "k8s.io/client-go/listers/discovery/v1"
)

const zone = ".svc.cluster.local"

// startDNS answers A questions about Services: the cluster address, or the ready endpoints of a headless one.
func (p *podlet) startDNS() {
	f := informers.NewSharedInformerFactory(p.client, 0)
	services, slices := f.Core().V1().Services().Lister(), f.Discovery().V1().EndpointSlices().Lister()
	f.Start(p.ctx.Done())
	conn, err := net.ListenPacket("udp", *hostIP+":53")
	must(err)
	go serveDNS(conn, services, slices)
}

func serveDNS(conn net.PacketConn, services corev1l.ServiceLister, slices discl.EndpointSliceLister) {
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		answer(&m, services, slices)
		if out, err := m.Pack(); err == nil {
			conn.WriteTo(out, from)
		}
	}
}

// answer turns a question into its answer.
func answer(m *dnsmessage.Message, services corev1l.ServiceLister, slices discl.EndpointSliceLister) {
	q := m.Questions[0]
	m.Header.Response, m.Header.Authoritative, m.Header.RecursionAvailable = true, true, true
	m.Answers, m.Authorities, m.Additionals = nil, nil, nil
	m.Header.RCode = dnsmessage.RCodeNameError
	base, ok := strings.CutSuffix(strings.TrimSuffix(strings.ToLower(q.Name.String()), "."), zone)
	parts := strings.Split(base, ".")
	if !ok || len(parts) < 2 {
		return
	}
	s, err := services.Services(parts[len(parts)-1]).Get(parts[len(parts)-2])
	if err != nil {
		return
	}
	m.Header.RCode = dnsmessage.RCodeSuccess
	if q.Type != dnsmessage.TypeA {
		return
	}
	for _, ip := range addressesOf(s, slices) {
		if a := net.ParseIP(ip).To4(); a != nil {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 5},
				Body:   &dnsmessage.AResource{A: [4]byte(a)},
			})
		}
	}
}

func addressesOf(s *v1.Service, slices discl.EndpointSliceLister) (ips []string) {
	if s.Spec.ClusterIP != "" && s.Spec.ClusterIP != "None" {
		return []string{s.Spec.ClusterIP}
	}
	all, err := slices.EndpointSlices(s.Namespace).List(labels.SelectorFromSet(labels.Set{"kubernetes.io/service-name": s.Name}))
	if err != nil {
		return nil
	}
	for _, slice := range all {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready == nil || *e.Conditions.Ready {
				ips = append(ips, e.Addresses...)
			}
		}
	}
	return ips
}
