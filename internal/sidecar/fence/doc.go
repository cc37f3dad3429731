// Package fence says where the module's twin may point: the twin can be written by more
// people than the deployment, so hosts that it names are held against a list from the
// manifest, by name and port before anything is resolved, and by address afterwards. It
// resolves and dials nothing. Entry point: [Parse].
package fence
