// Package dashboardpicture draws CloudWatch dashboards, for the documentation: the
// widgets are those that are deployed, where they are deployed, and the data is
// made up.
package dashboardpicture
