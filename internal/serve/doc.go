// Package serve runs scans on a schedule for as long as the process lives: at the times
// of a timetable, never two of the same scope at once, at most one for what was missed,
// and on with what a stop interrupted. It shows its health and figures over HTTP.
//
// It knows neither providers nor policies: what a scan is, and where is written what has
// been done, is handed in.
package serve
