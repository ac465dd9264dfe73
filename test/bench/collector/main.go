// Command collector asks the pods of a fleet each second and decides upon each revision every two, with Knative's own collector, scraper and
// multi-scaler, put together as its autoscaler does. It says "ready" when all revisions are known, and goes on until its input ends.
//
//	collector REVISIONS PODS
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	netcfg "knative.dev/networking/pkg/config"
	"knative.dev/serving/pkg/apis/autoscaling"
	"knative.dev/serving/pkg/apis/autoscaling/v1alpha1"
	"knative.dev/serving/pkg/apis/serving"
	"knative.dev/serving/pkg/autoscaler/metrics"
	"knative.dev/serving/pkg/autoscaler/scaling"
	"knative.dev/serving/pkg/resources"
)

const (
	stableWindow = time.Minute
	panicWindow  = 6 * time.Second
)

func main() {
	revisions, pods := number(1), number(2)
	// A namespace for each revision: pods are listed by namespace, and this is the least to look through.
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for pod := range revisions * pods {
		must(indexer.Add(readyPod(pod/pods, pod)))
	}
	lister := corev1listers.NewPodLister(indexer)
	logger := zap.NewNop().Sugar()
	provider := noop.NewMeterProvider()

	collector := metrics.NewMetricCollector(func(m *v1alpha1.Metric, l *zap.SugaredLogger) (metrics.StatsScraper, error) {
		accessor := resources.NewPodAccessor(lister, m.Namespace, m.Name)
		return metrics.NewStatsScraper(m, m.Name, accessor, false, netcfg.MeshCompatibilityModeAuto, l, provider), nil
	}, logger)
	scalers := scaling.NewMultiScaler(make(chan struct{}), func(d *scaling.Decider) (scaling.UniScaler, error) {
		accessor := resources.NewPodAccessor(lister, d.Namespace, d.Name)
		return scaling.New(attribute.NewSet(), provider, d.Namespace, d.Name, collector, accessor, &d.Spec), nil
	}, logger)

	for revision := range revisions {
		meta := metav1.ObjectMeta{Namespace: namespaceOf(revision), Name: nameOf(revision)}
		must(collector.CreateOrUpdate(&v1alpha1.Metric{
			ObjectMeta: meta,
			Spec:       v1alpha1.MetricSpec{StableWindow: stableWindow, PanicWindow: panicWindow, ScrapeTarget: nameOf(revision) + "-private"},
		}))
		_, err := scalers.Create(context.Background(), &scaling.Decider{
			ObjectMeta: meta,
			Spec: scaling.DeciderSpec{
				MaxScaleUpRate: 1000, MaxScaleDownRate: 2, ScalingMetric: autoscaling.Concurrency,
				TargetValue: 70, TotalValue: 100, TargetBurstCapacity: 211, ActivatorCapacity: 100,
				PanicThreshold: 2, StableWindow: stableWindow, InitialScale: 1, Reachable: true,
			},
		})
		must(err)
		// Spread over the second, as revisions that came one after the other are.
		time.Sleep(time.Second / time.Duration(revisions))
	}
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	must(err)
}

// readyPod is a pod that has lived through a window, at a loopback address of its own: the one that collector-client.ts asks.
func readyPod(revision, pod int) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespaceOf(revision),
			Name:      fmt.Sprintf("pod-%d", pod),
			Labels:    map[string]string{serving.RevisionLabelKey: nameOf(revision)},
		},
		Status: corev1.PodStatus{
			Phase:      corev1.PodRunning,
			PodIP:      fmt.Sprintf("127.%d.%d.%d", 1+pod>>16, pod>>8&255, pod&255),
			StartTime:  &metav1.Time{Time: time.Unix(0, 0)},
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		},
	}
}

func namespaceOf(revision int) string { return fmt.Sprintf("ns-%d", revision) }

func nameOf(revision int) string { return fmt.Sprintf("r-%d", revision) }

func number(argument int) int {
	n, err := strconv.Atoi(os.Args[argument])
	must(err)
	return n
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
