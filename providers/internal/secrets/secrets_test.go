package secrets

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The credentials below are made up. They are put together from pieces so that
// scanners of repositories do not take this file for a leak.
const (
	awsID     = "AKIA" + "QX7ZL5MTN3VEW2KD"
	awsSecret = "p9Vt3bQx" + "K1mZr8sYw4Lc7Dn2" + "Hf6Jg5Ea0RuTi+/o"
	github    = "ghp_" + "a8Kd02mZqLx93PfjRtYw7VbNc4HsEuG1oXiT"
	slack     = "xoxb-" + "823746501928-8237465019283-Kd02mZqLx93PfjRtYw7VbNc4"
	stripe    = "sk_live_" + "51Kd02mZqLx93PfjRtYw7Vb"
	pem       = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9Oi\n-----END RSA PRIVATE KEY-----"
	jwt       = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiI0MiIsImlzcyI6InBheSJ9" + ".Kd02mZqLx93PfjRtYw7VbNc4HsEuG1oXiT"
)

func TestAVariableIsJudgedByItsValueAndItsName(t *testing.T) {
	for _, c := range []struct{ about, name, value, want string }{
		{"an access key id under any name", "FOO", awsID, KindAWSID},
		{"the example key of the AWS documentation", "AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", ""},
		{"an AWS secret key", "AWS_SECRET_ACCESS_KEY", awsSecret, KindAWSSecret},
		{"a github token", "SETTINGS", "{\"auth\":\"" + github + "\"}", "github token"},
		{"a slack token", "BOT", slack, "slack token"},
		{"a stripe key", "PAY", stripe, "stripe key"},
		{"a private key", "TLS", pem, KindPrivateKey},
		{"a private key in base64", "TLS", base64.StdEncoding.EncodeToString([]byte(pem)), KindPrivateKey},
		{"a certificate is public", "TLS_CERT", "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----", ""},
		{"a signed token", "SESSION", jwt, KindJWT},
		{"a password in a connection string", "DATABASE_URL", "postgres://app:h7Gk2pQz@db.internal:5432/app", KindURL},
		{"a connection string without a password", "DATABASE_URL", "postgres://app@db.internal:5432/app", ""},
		{"a connection string that refers to a password", "DATABASE_URL", "postgres://app:${PASSWORD}@db.internal/app", ""},
		{"a host with a port is no password", "ENDPOINT", "https://api.internal:8443/v1?mail=a@b.example", ""},
		{"a password", "DB_PASSWORD", "Tr0ub4dor&3", KindPassword},
		{"a short password is left to the policy's pattern of names", "DB_PASSWORD", "hunter2", ""},
		{"a random value without a telling name", "BUILD", "Tr0ub4dor&3", ""},
		{"the password of a cache", "CACHE_PASSWORD", "Tr0ub4dor&3", KindPassword},
		{"an api key", "DATADOG_API_KEY", "3f9ac21b7d604e58b1c2d3e4f5a60718", KindPassword},
		{"a reference to Secrets Manager", "DB_PASSWORD", "{{resolve:secretsmanager:db:SecretString:password}}", ""},
		{"an ARN", "DB_SECRET", "arn:aws:secretsmanager:eu-central-1:222222222222:secret:db-x1Y2z3", ""},
		{"a parameter's path", "DB_PASSWORD", "/payments/prod/db-password1", ""},
		{"the name of a secret", "DB_SECRET", "payments-db-secret-v2", ""},
		{"a name that speaks of a token's life", "TOKEN_TTL", "36h0m0s-Max1", ""},
		{"a page token", "NEXT_TOKEN", "aG7fQ2kL9x", ""},
		{"a public key", "STRIPE_PUBLIC_KEY", "pk_live_51Kd02mZqLx93Pf", ""},
		{"a placeholder", "API_TOKEN", "CHANGE_ME_123", ""},
		{"an identifier", "CLIENT_SECRET", "0b7e2a4c-1f6d-4a3b-9c8e-5d2f1a0b7c6e", ""},
		{"a switch", "USE_TOKEN", "true", ""},
		{"nothing", "DB_PASSWORD", "  ", ""},
	} {
		if got := Variable(c.name, c.value); got != c.want {
			t.Errorf("%s: got %q, want %q", c.about, got, c.want)
		}
	}
}

func TestAScriptIsSearchedForAssignmentsAndKnownFormats(t *testing.T) {
	for _, c := range []struct {
		about, text string
		want        []string
	}{
		{"a start script with keys", "#!/bin/bash\nexport AWS_ACCESS_KEY_ID=" + awsID + "\nexport AWS_SECRET_ACCESS_KEY=" + awsSecret + "\naws s3 ls\n", []string{KindAWSID, KindAWSSecret}},
		{"cloud-init with a password", "#cloud-config\nchpasswd:\n  list: app\nmysql_root_password: 'Wq8#zL2!vR'\n", []string{KindPassword}},
		{"a password as an option", "mysql --user root --password Wq8zL2vRt7 < dump.sql\n", []string{KindPassword}},
		{"a password as JSON", "{\"db\": {\"password\": \"Wq8zL2vRt7\"}}", []string{KindPassword}},
		{"a clone with a token", "git clone https://x-access-token:" + github + "@github.com/acme/app.git\n", []string{"github token", KindPassword, KindURL}},
		{"a curl with a bearer", "curl -H 'Authorization: Bearer Kd02mZqLx93PfjRtYw7VbNc4' https://api.internal\n", []string{KindBearer}},
		{"a header with a password, in capitals", "AUTHORIZATION: BASIC dXNlcjpLZDAybVpxTHg5M1BmalJ0WXc3VmJOYzQ=\n", []string{KindBearer}},
		{"a script that fetches its secrets", "#!/bin/bash\nDB_PASSWORD=$(aws ssm get-parameter --name /app/db-password --with-decryption --query Parameter.Value)\nTOKEN=\"$(cat /run/secrets/token)\"\nexport API_TOKEN=${API_TOKEN}\n", nil},
		{"a harmless script", "#!/bin/bash\nyum install -y amazon-cloudwatch-agent\nsystemctl enable --now docker\necho 'key: value' > /etc/app.conf\nTOKEN=`curl -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'`\ncurl -H \"X-aws-ec2-metadata-token: $TOKEN\" http://169.254.169.254/latest/meta-data/\n", nil},
		{"prose about passwords", "# the password is set by the operator, the secret comes from Vault\n# token rotation: weekly\n", nil},
		{"an EKS bootstrap", "#!/bin/bash\n/etc/eks/bootstrap.sh payments-prod --kubelet-extra-args '--node-labels=team=payments' --b64-cluster-ca LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t --apiserver-endpoint https://ABCDEF.gr7.eu-central-1.eks.amazonaws.com\n", nil},
		{"nothing", "", nil},
	} {
		if diff := cmp.Diff(c.want, Text(c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func TestTheFormOfAValueDoesNotTellTheValue(t *testing.T) {
	for value, want := range map[string]string{
		"":                              Empty,
		" ":                             Empty,
		"arn:aws:s3:::bucket/key":       ARN,
		"{{resolve:ssm:/app/db:1}}":     Reference,
		"${ssm:/app/db}":                Reference,
		"/payments/prod/db-password":    Reference,
		"op://vault/item/field":         Reference,
		"https://vault.internal/v1/app": Reference,
		"https://u:p4ss@vault.internal": Literal,
		"TRUE":                          Switch,
		"3600":                          Switch,
		"hunter2":                       Literal,
		"/a+b/c=":                       Literal,
	} {
		if got := Form(value); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}

// FuzzText looks for input that makes the detector panic or hang.
func FuzzText(f *testing.F) {
	f.Add("password=" + awsSecret)
	f.Add("\x00\xff://:@")
	f.Fuzz(func(t *testing.T, s string) {
		for _, k := range Text(s) {
			if k == "" {
				t.Error("a kind without a name")
			}
		}
		Variable(s, s)
	})
}

func TestTheCaseOfANameDoesNotMatter(t *testing.T) {
	for _, text := range []string{`DB_PASSWORD="kT9v2QxLm4Rz"`, `db_paſſword="kT9v2QxLm4Rz"`, "api_\u212aey=kT9v2QxLm4Rz", ` --Password kT9v2QxLm4Rz`} {
		if got := Text(text); !cmp.Equal(got, []string{KindPassword}) {
			t.Errorf("Text(%q) = %v", text, got)
		}
	}
}
