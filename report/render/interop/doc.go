// Package interop shows what edgenet writes to programs that nobody here wrote: the
// page to a browser, an accessibility checker and an HTML validator; JUnit to the
// schema that Jenkins reads by, the textfile to promtool, CSV to a linter, markdown to
// a renderer, man pages to mandoc. Its tests need chromium, node, npm's registry,
// promtool, xmllint, csvclean and mandoc, and so stand behind a build tag:
//
//	go test -tags interop ./report/render/interop
//
// EDGENET_INTEROP_NPM names a folder for the npm packages, to install them once;
// EDGENET_SHOTS one for pictures of the pages.
package interop
