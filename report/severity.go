package report

// Facts are what the severity of a finding goes by.
type Facts struct {
	Needed bool // the verdict waits for a path that it is about, or goes by one
	Grave  bool // beyond the limit that its rule names
}

// always has one severity whatever the facts.
func always(s Severity) func(Facts) Severity { return func(Facts) Severity { return s } }

// The commonest ones, which the program need not make at each start.
func alwaysError(Facts) Severity        { return SeverityError }
func alwaysWarning(Facts) Severity      { return SeverityWarning }
func errorWhereNeeded(f Facts) Severity { return whereNeeded(SeverityInfo)(f) }
func errorWhereGrave(f Facts) Severity  { return whereGrave(SeverityError, SeverityWarning)(f) }

// whereNeeded is an error where a path is needed, and something else where none is.
func whereNeeded(other Severity) func(Facts) Severity {
	return func(f Facts) Severity {
		if f.Needed {
			return SeverityError
		}
		return other
	}
}

// whereGrave is the first severity beyond the limit of the rule, the second below it.
func whereGrave(beyond, below Severity) func(Facts) Severity {
	return func(f Facts) Severity {
		if f.Grave {
			return beyond
		}
		return below
	}
}

// seenOrFeared is an error where a path is needed, and a warning where one may be.
func seenOrFeared(f Facts) Severity {
	switch {
	case f.Needed:
		return SeverityError
	case f.Grave:
		return SeverityWarning
	}
	return SeverityInfo
}

// noticeWhereNeeded is a warning where a path is needed, else only worth knowing.
func noticeWhereNeeded(f Facts) Severity {
	if f.Needed {
		return SeverityWarning
	}
	return SeverityInfo
}

// Severities lists them from the most pressing to the least.
func Severities() []Severity { return []Severity{SeverityError, SeverityWarning, SeverityInfo} }
