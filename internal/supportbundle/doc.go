// Package supportbundle opens what `iotedge support-bundle` packs: logs of all components, the
// engine's description of the containers, the runtime's own check. It reads one entry at
// a time, bounded, and never writes one, so that names and sizes in a stranger's
// archive do no harm. It is the one reader of such archives.
package supportbundle
