package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"time"
)

// sandbox is a network namespace with an address, connected to the lab's by a veth pair.
type sandbox struct {
	name, ip string
	slot     int
}

// sh runs a program with this standard input.
func sh(in string, args ...string) error {
	c := exec.Command(args[0], args[1:]...)
	c.Stdin = strings.NewReader(in)
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%v: %v: %s", args, err, out)
	}
	return nil
}

// makeSandbox makes the namespace, address and routes of a slot.
func (p *podlet) makeSandbox(slot int) (*sandbox, error) {
	sb := &sandbox{name: fmt.Sprintf("%s%d", *prefix, slot), slot: slot, ip: fmt.Sprintf("%s.%d.%d", *subnet, 1+slot/250, 1+slot%250)}
	d := "/etc/netns/" + sb.name
	os.MkdirAll(d, 0o755)
	os.WriteFile(d+"/resolv.conf", []byte(fmt.Sprintf("nameserver %s\nsearch svc.cluster.local cluster.local\noptions ndots:2\n", *hostIP)), 0o644)
	if err := sh("", "ip", "netns", "add", sb.name); err != nil {
		return nil, err
	}
	veth := "v" + sb.name
	if err := sh(fmt.Sprintf("link add %[1]s type veth peer name eth0 netns %[2]s\nlink set %[1]s up\nroute add %[3]s/32 dev %[1]s src %[4]s\n", veth, sb.name, sb.ip, *hostIP), "ip", "-batch", "-"); err != nil {
		return nil, err
	}
	if err := sh(fmt.Sprintf("link set lo up\nlink set eth0 up\naddr add %s/32 dev eth0\nroute add %s/32 dev eth0\nroute add default via %s\n", sb.ip, *hostIP, *hostIP), "ip", "-n", sb.name, "-batch", "-"); err != nil {
		return nil, err
	}
	return sb, nil
}

func (p *podlet) dropSandbox(sb *sandbox) {
	if err := sh("", "ip", "netns", "del", sb.name); err != nil {
		log.Print(err)
	}
	os.RemoveAll("/etc/netns/" + sb.name)
	p.free <- sb.slot
}

// fillPool keeps sandboxes ready, so that a pod does not wait for one.
func (p *podlet) fillPool() {
	for slot := range p.free {
		sb, err := p.makeSandbox(slot)
		if err != nil {
			log.Print("sandbox: ", err)
			time.Sleep(time.Second)
			p.free <- slot
			continue
		}
		select {
		case p.pool <- sb:
		case <-p.ctx.Done():
			sh("", "ip", "netns", "del", sb.name)
			return
		}
	}
}
