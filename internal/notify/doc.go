// Package notify tells people and other systems what a run found: digests for chats and
// mail, issues for groups of findings, findings for the security services of clouds.
//
// What is to be told is written to an outbox before it is sent, so that a restart neither
// loses it nor sends it again. A channel sends one message and says whether it is worth
// trying again; it keeps nothing.
package notify
