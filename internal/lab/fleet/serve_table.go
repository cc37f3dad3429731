package fleet

import (
	"net/http"

	"edgenet/internal/lab/hub"
)

// find is which call a method and a path are.
func find(method string, parts []string) (endpoint, error) {
	for _, row := range endpoints {
		if fits(row.path, parts) {
			for _, m := range row.methods {
				if m.name == method {
					return m.endpoint, nil
				}
			}
			return endpoint{}, &hub.StatusError{Status: 405, Code: "MethodNotAllowed",
				Message: "The requested resource does not support http method '" + method + "'."}
		}
	}
	return endpoint{}, notHere()
}

// fits holds a path against a pattern; "" stands for any segment.
func fits(pattern, parts []string) bool {
	if len(pattern) != len(parts) {
		return false
	}
	for i, p := range pattern {
		if p != "" && p != parts[i] {
			return false
		}
	}
	return true
}

type endpointRow struct {
	path    []string
	methods []methodRow
}

// methodRow is in a list and not in a map, which the program would have to fill at each start.
type methodRow struct {
	name     string
	endpoint endpoint
}

var twinMethods = []methodRow{
	{http.MethodGet, endpoint{hub.ServiceConnect, CallTwinRead, false, true, (*Fleet).getTwin}},
	{http.MethodPatch, endpoint{hub.ServiceConnect, CallTwinWrite, true, true, (*Fleet).setTwin}},
	{http.MethodPut, endpoint{hub.ServiceConnect, CallTwinWrite, true, true, (*Fleet).setTwin}},
}

var callMethods = []methodRow{{http.MethodPost, endpoint{hub.ServiceConnect, CallMethod, false, true,
	(*Fleet).postMethod}}}

var jobMethods = []methodRow{
	{http.MethodGet, endpoint{hub.ServiceConnect, CallJob, false, true, (*Fleet).getJob}},
	{http.MethodPut, endpoint{hub.ServiceConnect, CallJob, true, true, (*Fleet).scheduleJob}},
}

// endpoints is the service API, the more exact paths first.
var endpoints = []endpointRow{
	{[]string{"devices", "query"}, []methodRow{{http.MethodPost, endpoint{hub.ServiceConnect, CallQuery, false, true,
		(*Fleet).postQuery}}}},
	{[]string{"twins", ""}, twinMethods},
	{[]string{"twins", "", "modules", ""}, twinMethods},
	{[]string{"twins", "", "methods"}, callMethods},
	{[]string{"twins", "", "modules", "", "methods"}, callMethods},
	{[]string{"configurations", "testQueries"},
		[]methodRow{{http.MethodPost, endpoint{hub.RegistryRead, CallConfiguration, false, true,
			(*Fleet).postTestQueries}}}},
	{[]string{"configurations"}, []methodRow{
		{http.MethodGet, endpoint{hub.RegistryRead, CallConfiguration, false, true,
			(*Fleet).listConfigurations}}}},
	{[]string{"configurations", ""}, []methodRow{
		{http.MethodGet, endpoint{hub.RegistryRead, CallConfiguration, false, true, (*Fleet).getConfiguration}},
		{http.MethodPut, endpoint{hub.RegistryWrite, CallConfiguration, true, true, (*Fleet).writeConfiguration}},
		{http.MethodDelete, endpoint{hub.RegistryWrite, CallConfiguration, true, true, (*Fleet).removeConfiguration}},
	}},
	{[]string{"devices", "", "applyConfigurationContent"},
		[]methodRow{{http.MethodPost, endpoint{hub.RegistryWrite, CallConfiguration, true, true,
			(*Fleet).postContent}}}},
	{[]string{"jobs", "v2", "query"}, []methodRow{
		{http.MethodGet, endpoint{hub.ServiceConnect, CallJob, false, true, (*Fleet).queryJobs}},
	}},
	{[]string{"jobs", "v2", ""}, jobMethods},
	{[]string{"jobs", "v2", "", "cancel"},
		[]methodRow{{http.MethodPost, endpoint{hub.ServiceConnect, CallJob, true, true,
			(*Fleet).postCancel}}}},
	{[]string{"statistics", "devices"}, []methodRow{
		{http.MethodGet, endpoint{hub.RegistryRead, CallRegistry, false, false,
			(*Fleet).deviceStatistics}}}},
	{[]string{"statistics", "service"}, []methodRow{
		{http.MethodGet, endpoint{hub.ServiceConnect, CallRegistry, false, false,
			(*Fleet).serviceStatistics}}}},
	{[]string{"devices"}, []methodRow{
		{http.MethodGet, endpoint{hub.RegistryRead, CallRegistry, false, false,
			(*Fleet).listDevices}}}},
	{[]string{"devices", ""}, []methodRow{
		{http.MethodGet, endpoint{hub.RegistryRead, CallRegistry, false, false,
			(*Fleet).getDevice}}}},
	{[]string{"devices", "", "modules"}, []methodRow{
		{http.MethodGet, endpoint{hub.RegistryRead, CallRegistry, false, false,
			(*Fleet).listModules}}}},
	{[]string{"devices", "", "modules", ""}, []methodRow{
		{http.MethodGet, endpoint{hub.RegistryRead, CallRegistry, false, false,
			(*Fleet).getModule}}}},
	{[]string{"lab", "fleet"}, []methodRow{
		{http.MethodGet, endpoint{hub.ServiceConnect, "", false, false, (*Fleet).getLab}},
		{http.MethodPost, endpoint{hub.ServiceConnect, "", false, false, (*Fleet).postLab}},
	}},
}
