package dashboard

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// liveStart is how far back graphs go when a dashboard is opened.
const liveStart = "-PT6H"

// MaxOverview is how many replicated buckets one overview shows: with so many,
// CloudWatch's limits are out of reach for all but the oddest topologies, which
// are refused.
const MaxOverview = 50

// View is what a dashboard needs to know besides the deployments.
type View struct {
	// Account that the dashboard is in. Metrics of other accounts name theirs.
	Account string
	// Stack that the commands on the dashboard name.
	Stack string
	// Runbooks to link to. Left out: those of this module.
	Runbooks []string
}

// Detail shows everything about replicated buckets, one below the other.
func Detail(v View, descriptors ...replication.Descriptor) (Body, error) {
	g := &grid{}
	for _, d := range descriptors {
		g.row(6 + len(placesOf(d))/2) // the text has a line for each
		g.text(12, detailText(v, d))
		g.alarms(12, "Alarms", alarmARNs(d))
		for _, l := range links(d) {
			g.heading(fmt.Sprintf("%s → %s", placeLabel(l.source), placeLabel(l.destination)))
			g.row(6)
			for _, metric := range []replicationMetric{latency, operationsPending, bytesPending, operationsFailed} {
				g.graph(6, metric.graph(d, []link{l}, v.Account))
			}
		}
		if beaten := heartbeatLinks(d); len(beaten) > 0 {
			g.heading("End to end")
			g.row(6)
			g.graph(columns, heartbeatAge.graph(d, beaten, v.Account))
		}
		g.heading("Both sides")
		g.row(6)
		g.graph(12, objects(d, v.Account))
		g.graph(12, bytesHeld(d, v.Account))
		g.heading("What it costs")
		g.row(6)
		g.text(6, costText)
		g.graph(6, operationsDone.graph(d, links(d), v.Account))
		g.graph(6, keyRequests(d, v.Account))
		g.graph(6, bytesByClass(d, v.Account))
	}
	return body(g)
}

// Overview shows how many replicated buckets are doing, a row for each.
func Overview(v View, descriptors ...replication.Descriptor) (Body, error) {
	g := &grid{}
	var arns []string
	for _, d := range descriptors {
		arns = append(arns, alarmARNs(d)...)
	}
	g.row(6)
	g.text(12, overviewText(v, descriptors))
	g.alarms(12, "Alarms of all replicated buckets", arns)
	for _, d := range descriptors {
		g.row(5)
		g.text(4, rowText(d))
		for _, metric := range []replicationMetric{latency, operationsPending, operationsFailed} {
			g.graph(5, metric.graph(d, links(d), v.Account))
		}
		g.graph(5, bytesHeld(d, v.Account))
	}
	return body(g)
}

func body(g *grid) (Body, error) {
	b := Body{Start: liveStart, PeriodOverride: "inherit", Widgets: g.widgets}
	return b, b.check()
}

// alarmARNs are those of a deployment's alarms, in its order: first the
// composite ones, which say where to look.
func alarmARNs(d replication.Descriptor) []string {
	var arns []string
	for _, alarm := range d.CompositeAlarms {
		arns = append(arns, alarmARN(alarm.Region, alarm.AccountID, alarm.Name))
	}
	for _, alarm := range d.Alarms {
		arns = append(arns, alarmARN(alarm.Region, alarmAccount(d, alarm), alarm.Name))
	}
	return arns
}

func alarmARN(region, account, name string) string {
	partition, _ := replication.PartitionOf(region)
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:%s", partition.ID, region, account, name)
}

func alarmAccount(d replication.Descriptor, alarm replication.Alarm) string {
	if alarm.AccountID == "" {
		return d.Source.AccountID
	}
	return alarm.AccountID
}
