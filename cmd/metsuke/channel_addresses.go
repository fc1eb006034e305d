package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// secret reads a secret from the environment.
func (b channelBuilder) secret(env string) (string, error) {
	if env == "" {
		return "", errors.New("it needs the name of the environment variable with its secret (token_env)")
	}
	v := strings.TrimSpace(b.p.getenv(env))
	if v == "" {
		return "", fmt.Errorf("the environment variable %s is not set", env)
	}
	return v, nil
}

// secretURL reads an address from the environment.
func (b channelBuilder) secretURL(env string) (string, error) {
	v, err := b.secret(env)
	if err != nil {
		return "", err
	}
	if checkURL(v) != nil {
		return "", fmt.Errorf("the environment variable %s holds no address such as https://HOST/PATH", env)
	}
	return v, nil
}

// checkAPI refuses the address of an API that a token would go to in the open; "" is the
// usual one.
func checkAPI(s string) error {
	if s == "" {
		return nil
	}
	if err := checkURL(s); err != nil {
		return fmt.Errorf("api: %w", err)
	}
	return nil
}

// checkURL refuses what is no address of the web. Without encryption only this machine is
// talked to.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("it is no address such as https://HOST/PATH")
	case u.User != nil:
		return errors.New("it holds a user or a password; put the address into the environment")
	case u.Scheme == "http" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" && u.Hostname() != "::1":
		return errors.New("http is open to everybody on the way; write https")
	}
	return nil
}
