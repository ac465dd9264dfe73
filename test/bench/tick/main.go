// Command tick measures one tick of Knative's own autoscaler: two reports recorded into a collector with full windows, and one Scale. It
// prints nanoseconds of CPU for one tick, a line for each way of averaging: the least of several runs, since other work can only add.
package main

import (
	"fmt"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"knative.dev/serving/pkg/apis/autoscaling"
	"knative.dev/serving/pkg/apis/autoscaling/v1alpha1"
	"knative.dev/serving/pkg/autoscaler/metrics"
	"knative.dev/serving/pkg/autoscaler/scaling"
)

const (
	runs     = 9
	ticksRun = 300_000
)

// readyPods is a count that never changes.
type readyPods int

func (n readyPods) ReadyCount() (int, error)    { return int(n), nil }
func (n readyPods) NotReadyCount() (int, error) { return 0, nil }

func main() {
	for _, algorithm := range []string{"linear", "weighted-exponential"} {
		tick := ticker(algorithm)
		best := time.Duration(0)
		for range runs {
			before := cpu()
			for range ticksRun {
				tick()
			}
			if used := cpu() - before; best == 0 || used < best {
				best = used
			}
		}
		fmt.Printf("%s %d\n", algorithm, best.Nanoseconds()/ticksRun)
	}
}

// cpu is the processor time of this process so far.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// ticker makes a revision with its own collector and scaler; calling what it returns is one tick, two seconds later than the last.
func ticker(algorithm string) func() {
	logger := zap.NewNop().Sugar()
	key := types.NamespacedName{Namespace: "ns", Name: "rev"}
	collector := metrics.NewMetricCollector(
		func(*v1alpha1.Metric, *zap.SugaredLogger) (metrics.StatsScraper, error) { return nil, nil }, logger)
	metric := &v1alpha1.Metric{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:   key.Namespace,
			Name:        key.Name,
			Annotations: map[string]string{autoscaling.MetricAggregationAlgorithmKey: algorithm},
		},
		Spec: v1alpha1.MetricSpec{StableWindow: time.Minute, PanicWindow: 6 * time.Second, ScrapeTarget: "rev-private"},
	}
	if err := collector.CreateOrUpdate(metric); err != nil {
		panic(err)
	}
	scaler := scaling.New(attribute.NewSet(), noop.NewMeterProvider(), key.Namespace, key.Name, collector, readyPods(8),
		&scaling.DeciderSpec{
			MaxScaleUpRate: 1000, MaxScaleDownRate: 2, ScalingMetric: autoscaling.Concurrency,
			TargetValue: 70, TotalValue: 100, TargetBurstCapacity: 211, ActivatorCapacity: 100,
			PanicThreshold: 2, StableWindow: time.Minute, InitialScale: 1, Reachable: true,
		})
	stat := metrics.Stat{
		PodName: "service-scraper", AverageConcurrentRequests: 500.5, AverageProxiedConcurrentRequests: 3.25,
		RequestCount: 900, ProxiedRequestCount: 4,
	}
	now := time.Unix(1_700_000_000, 0)
	return func() {
		for range 2 {
			collector.Record(key, now, stat)
			now = now.Add(time.Second)
		}
		if result := scaler.Scale(logger, now); !result.ScaleValid {
			panic("nothing was decided")
		}
	}
}
