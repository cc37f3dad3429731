package ready

func engineAPI(f *Facts) []Row {
	v := f.Engine.Version
	if rows := unseen(v, "the engine's version"); rows != nil {
		return rows
	}
	l, ok := line(f.Runtime.Version.Value)
	floor := dockerFloors()[l]
	if !f.Runtime.Version.Known() || !ok || floor == "" {
		if v.Value.MinAPI != "" && less("1.41", v.Value.MinAPI) {
			rows := one(
				Warning,
				v.Source,
				"the engine answers no API older than %s, which no daemon up to 1.6 was written for",
				v.Value.MinAPI,
			)
			return rows
		}
		return []Row{
			{
				Status:  Unknown,
				Source:  v.Source,
				Needs:   "the runtime's version",
				Summary: "which API the daemon speaks is not known",
			},
		}
	}
	switch {
	case v.Value.MinAPI != "" && less(floor, v.Value.MinAPI):
		return one(Warning, v.Source, "engine %s answers no API older than %s, and the daemon %s was written for %s: "+
			"it names no version when it asks, so that it is answered, in an API that it was not tried with",
			v.Value.Version, v.Value.MinAPI, l, floor)
	case v.Value.API != "" && less(v.Value.API, floor):
		return one(Warning, v.Source, "engine %s knows the API up to %s, and the daemon %s was written for %s",
			v.Value.Version, v.Value.API, l, floor)
	}
	return one(OK, v.Source, "engine %s answers API %s, which the daemon %s was written for", v.Value.Version, floor, l)
}
