// Mutate measures what the tests notice: it changes one thing in a package's code
// (flips a condition, deletes a statement or a case, changes a constant or a cause;
// deletes a row of a table, an entry of a list in it, a field, or turns a severity),
// runs the package's tests with a timeout, and calls the change killed when they fail.
// The tree is never touched: the changed file reaches the compiler by an overlay. Changes
// that do not compile do not count.
//
//	go run ./internal/verify/mutate ./probe ./proxy ./internal/hop ./internal/neterr
//	go run ./internal/verify/mutate -func 'Choose|choice|rule' ./probe
//	go run ./internal/verify/mutate -n 100 -seed 7 ./proxy
//	go run ./internal/verify/mutate -file finding_table -run 'OneRow|Follows|Needed' -also ./internal/judge ./report
//
// Measured over internal/judge, with the tests as they were each time: 128 of 144 killed by
// -n 160 -seed 42; 97 of 108 by the first 125 of -n 160 -seed 7; 83 of 97 by -n 110 -seed 11;
// 36 of 39 by -n 45 -seed 13, after the tests that came of those before;
// 124 of 136 by -n 160 -seed 17, 78 of 90 by -n 100 -seed 23, 73 of 82 by -n 100 -seed 31;
// then 84 of 90 by -n 100 -seed 59, 76 of 87 by -n 100 -seed 71, and after the tests that came of those
// 83 of 86 by -n 100 -seed 83 and 86 of 92 by -n 100 -seed 97; after more rules came, 79 of 86 by
// -n 100 -seed 101.
// What survived was then killed, one by one, by the tests that came of it, but for what
// changes nothing (skipped paths in compare443, an address that begins with its colon).
//
// It prints the survivors, each with its place, and the score.
package main
