//! How is a conversation written for a model that came without a template? As others with its marks have it.

use super::marks::Marks;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) template: &'static str,
    /// What the model may say in another's name.
    pub(super) stop: &'static [&'static str],
}

const CHATML: &str = "{% for turn in messages %}\
    {{ '<|im_start|>' + turn.role + '\n' + turn.content + '<|im_end|>\n' }}\
    {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

const HEADERS: &str = "{{ bos_token }}{% for turn in messages %}\
    {{ '<|start_header_id|>' + turn.role + '<|end_header_id|>\n\n' + turn.content | trim + '<|eot_id|>' }}\
    {% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

const TURNS: &str = "{{ bos_token }}{% for turn in messages %}\
    {% if turn.role == 'system' %}{{ raise_exception('a system message') }}{% endif %}\
    {{ '<start_of_turn>' + ('model' if turn.role == 'assistant' else turn.role) + '\n' }}\
    {{ turn.content | trim + '<end_of_turn>\n' }}\
    {% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}";

const ROLES: &str = "{% for turn in messages %}\
    {{ '<|' + turn.role + '|>\n' + turn.content + '<|end|>\n' }}\
    {% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}";

const NAMES: &str = "{% for turn in messages %}\
    {% if turn.role == 'system' %}{{ turn.content | trim + '\n\n' }}\
    {% else %}{{ ('User' if turn.role == 'user' else 'Assistant') + ': ' + turn.content | trim + '\n' }}{% endif %}\
    {% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

pub(super) fn form(marks: &Marks) -> Form {
    let has = |all: &[&str]| all.iter().all(|text| marks.get(text.as_bytes()).is_some());
    let of = |template| Form { template, stop: &[] };
    if has(&["<|im_start|>", "<|im_end|>"]) {
        of(CHATML)
    } else if has(&["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]) {
        of(HEADERS)
    } else if has(&["<start_of_turn>", "<end_of_turn>"]) {
        of(TURNS)
    } else if has(&["<|user|>", "<|assistant|>", "<|end|>"]) {
        of(ROLES)
    } else {
        Form { template: NAMES, stop: &["\nUser:"] }
    }
}
