// Package sample holds reports to try encoders with: the same ones for every format,
// so that their golden files tell the same stories. They are made up and contact
// nothing; tests alone use them. Reports is the entry point.
package sample
