package govern

import "strings"

// configAddress takes the instance keys out of a Terraform address: what stands in the
// configuration once is there for all instances of count and for_each.
//
//	module.a["x.y"].aws_s3_bucket.logs[0]   module.a.aws_s3_bucket.logs
func configAddress(address string) string {
	if !strings.Contains(address, "[") {
		return address
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case quoted && c == '\\':
			i++ // the next one is part of the key, whatever it is
		case quoted:
			quoted = c != '"'
		case depth > 0 && c == '"':
			quoted = true
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// within reports whether the address is that of the resource or module call, or of
// something in the module.
func within(address, of string) bool {
	return address == of || strings.HasPrefix(of, "module.") && isModule(of) && strings.HasPrefix(address, of+".")
}

// isModule reports whether a configuration address is that of a module call: nothing
// but module.NAME, once or more.
func isModule(address string) bool {
	parts := strings.Split(address, ".")
	if len(parts)%2 != 0 {
		return false
	}
	for i := 0; i < len(parts); i += 2 {
		if parts[i] != "module" {
			return false
		}
	}
	return true
}
