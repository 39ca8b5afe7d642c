//! Do templates work as where they were written for? Each of these does one thing that real ones do.

use super::super::template::{Around, Refusal, Template, Turn};
use super::fixture::{byte_pairs, chat, load, shown};
use crate::domain::Speaker::{Assistant, System, User};
use crate::gguf::Value;

const TURNS: [Turn<'static>; 3] = [
    Turn { role: "system", content: "be kind" },
    Turn { role: "user", content: " hello " },
    Turn { role: "assistant", content: "<think>x</think>\nhi" },
];

const AROUND: Around<'static> = Around { first: "<s>", last: "</s>" };

fn rendered(template: &str) -> Result<String, Refusal> {
    Template::new(template)?.render(&TURNS, AROUND)
}

#[test]
fn what_templates_take_for_granted_is_there() {
    for (template, expected) in [
        ("{{ bos_token }}{{ eos_token }}{{ add_generation_prompt }}", "<s></s>True"),
        ("{% if tools %}t{% endif %}{% if tools is none %}none{% endif %}", "none"),
        ("{% for m in messages[1:] %}{{ m['role'] }}{% if not loop.last %},{% endif %}{% endfor %}", "user,assistant"),
        ("{% for m in messages[::-1] %}{{ m.role[0] }}{{ loop.index0 }}{% endfor %}", "a0u1s2"),
        ("{{ messages[-1].content.split('</think>')[-1].lstrip('\\n') }}", "hi"),
        ("{{ messages[1].content.strip() }}|{{ messages[1].content | trim }}", "hello|hello"),
        ("{{ messages[0].content.startswith('be') and 'kind' in messages[0].content }}", "True"),
        ("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "3"),
        (
            "{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m.role }}{% break %}{% endfor %}",
            "user",
        ),
        ("{% macro say(m) %}[{{ m.role }}]{% endmacro %}{{ say(messages[0]) }}", "[system]"),
        ("{{ messages[0] | tojson }}", r#"{"role": "system", "content": "be kind"}"#),
        ("{{ {'a': [1, 'ñ<']} | tojson(indent=2) }}", "{\n  \"a\": [\n    1,\n    \"ñ<\"\n  ]\n}"),
        ("{% if strftime_now is defined %}now{% else %}26 Jul{% endif %}", "26 Jul"),
        ("Today: {{ strftime_now('%d %B %Y') }}.", "Today: ."),
        (
            "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>{% endif %}",
            "<think>\n\n</think>",
        ),
        ("a\n  {%- if true %}\n  b\n  {%- endif %}\n", "a  b"),
        ("  {% if true %}\nb\n  {% endif %}\nc\n", "b\nc"),
        ("{%- for m in messages %}{% generation %}{{ m.role[0] }}{%- endgeneration -%} {% endfor %}", "sua"),
        ("{{ messages[0].tool_calls is defined }}{{ 'tools' in messages[0] }}", "FalseFalse"),
        ("{{ messages[0].content is string }}{{ messages is iterable }}{{ tools is iterable }}", "TrueTrueFalse"),
        ("{{ messages | selectattr('role', 'equalto', 'user') | list | length }}", "1"),
        ("{{ ('a' if messages else 'b') ~ (messages | length) }}", "a3"),
    ] {
        assert_eq!(rendered(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn what_a_template_may_do_has_an_end() {
    for (template, expected) in [
        ("{{ messages", Refusal::Unreadable { line: Some(1) }),
        ("a\n{% nothing %}", Refusal::Unreadable { line: Some(2) }),
        ("{{ raise_exception('Only user and assistant') }}", Refusal::Raised("Only user and assistant".to_owned())),
        ("a\n{{ nothing() }}", Refusal::Failed { line: Some(2) }),
        ("{{ messages[0].content.nothing() }}", Refusal::Failed { line: Some(1) }),
        ("{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}", Refusal::Endless),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", Refusal::Failed { line: Some(1) }),
        ("{{ 'abcd' * 10000000 }}", Refusal::TooLong { most: (1 << 20) + 4 * 33 }),
        ("{% include 'other' %}", Refusal::Failed { line: Some(1) }),
    ] {
        assert_eq!(rendered(template), Err(expected), "{template}");
    }
    let nested = format!("{}{}", "{% if true %}".repeat(5000), "{% endif %}".repeat(5000));
    assert!(rendered(&nested).is_err());
    assert_eq!(rendered(&"a".repeat((1 << 20) + 1)), Err(Refusal::Unreadable { line: None }));
    assert!(rendered(&format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000))).is_err());
}

fn prompt(template: &str, turns: &[(crate::domain::Speaker, &str)]) -> Result<String, String> {
    let mut contents = byte_pairs("qwen2", &[], &[("<|im_end|>", 3)]);
    contents.notes.insert("tokenizer.chat_template".to_owned(), Value::Text(template.to_owned()));
    let words = load(&contents);
    chat(&words, turns).map(|ids| shown(&words, &ids)).map_err(|error| error.to_string())
}

#[test]
fn a_system_message_is_never_lost() {
    let refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}\
                   {% for m in messages %}[{{ m.role }}:{{ m.content }}]{% endfor %}";
    let leaves_out = "{% for m in messages if m.role != 'system' %}[{{ m.role }}:{{ m.content }}]{% endfor %}";
    let turns = [(System, " rules <|im_end|> "), (User, "one"), (User, "two"), (Assistant, "three")];
    for template in [refuses, leaves_out] {
        assert_eq!(
            prompt(template, &turns).unwrap(),
            "[user:rules <|im_end|>\n\none\n\ntwo][assistant:three]",
            "{template}"
        );
        assert_eq!(prompt(template, &turns[..1]).unwrap(), "[user:rules <|im_end|>]");
    }
    let knows = "{% for m in messages %}[{{ m.role }}:{{ m.content | trim }}]{% endfor %}";
    assert_eq!(prompt(knows, &turns[..3]).unwrap(), "[system:rules <|im_end|>][user:one][user:two]");
}

#[test]
fn speakers_take_turns_where_a_template_wants_it() {
    let strict = "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}\
                  {{ raise_exception('take turns') }}{% endif %}[{{ m.content }}]{% endfor %}";
    assert_eq!(prompt(strict, &[(User, "a"), (User, "b"), (Assistant, "c")]).unwrap(), "[a\n\nb][c]");
    let refused = prompt(strict, &[(Assistant, "a"), (User, "b")]).unwrap_err();
    assert_eq!(refused, "the model tiny@1 cannot be run: its chat template refuses the conversation: take turns");
}

#[test]
fn a_template_that_cannot_be_read_stops_conversations_only() {
    let mut contents = byte_pairs("qwen2", &[], &[]);
    contents.notes.insert("tokenizer.chat_template".to_owned(), Value::Text("{% if".to_owned()));
    let words = load(&contents);
    assert_eq!(super::fixture::text(&words, "a"), [97]);
    let error = chat(&words, &[(User, "a")]).unwrap_err().to_string();
    assert_eq!(error, "the model tiny@1 cannot be run: its chat template cannot be read at line 1");
}
