package terraform

func awsSQSQueue() mapping {
	return mapping{
		typ: "aws_sqs_queue",
		satellites: []satellite{
			{typ: "aws_sqs_queue_policy", ref: "queue_url", by: []string{"id", "url"}, affects: []string{"policy"}, alone: true},
		},
		attributes: map[string]func(n *node) any{
			"policy": func(n *node) any {
				if s := n.only("aws_sqs_queue_policy"); s != nil {
					return s.document("policy")
				}
				return n.inlineDocument("aws_sqs_queue_policy")
			},
		},
	}
}
