package terraform

const snsTopicPolicy = "aws_sns_topic_policy"

func awsSNSTopic() mapping {
	return mapping{
		typ: "aws_sns_topic",
		satellites: []satellite{
			{typ: snsTopicPolicy, ref: "arn", by: []string{"arn", "id"}, affects: []string{"policy"}, alone: true},
		},
		attributes: map[string]func(n *node) any{
			"policy": func(n *node) any {
				if s := n.only(snsTopicPolicy); s != nil {
					return s.document("policy")
				}
				return n.inlineDocument(snsTopicPolicy)
			},
		},
	}
}
