"""OpenAI's own client."""

import json
import math
from typing import Literal

import openai
import pydantic

QUESTION = "How many litres of flammable liquid may stand outside the cabinet?"


class Verdict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    is_safe: bool
    kind: Literal["acid", "base", "neither"]


def client(base: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base + "/v1", api_key="none", max_retries=0, timeout=60)


def ask(model: str, text: str, **more):
    return dict(model=model, messages=[{"role": "user", "content": text}], **more)


def models_are_listed_and_found(base):
    models = client(base).models
    names = [model.id for model in models.list()]
    for name in ("docent", "docent/courses", "chosen", "another", "numbers"):
        assert name in names, names
        assert models.retrieve(name).id == name
    assert models.retrieve("chosen").created > 1_600_000_000
    fails(openai.NotFoundError, lambda: models.retrieve("nobody"))


def documents_answer_with_citations(base):
    for model in ("docent", "docent/courses"):
        answer = client(base).chat.completions.create(**ask(model, QUESTION))
        assert "10 litres" in answer.choices[0].message.content, answer
        assert answer.choices[0].finish_reason == "stop" and answer.object == "chat.completion"
        citation = answer.citations[0]
        assert "10 litres" in citation["quote"] and citation["place"] == {"page": 2, **citation["place"]}
        assert answer.origin in ("extracted", "generated")


def what_the_documents_do_not_say_has_no_citations(base):
    answer = client(base).chat.completions.create(**ask("docent", "Quem pintou a Mona Lisa?"))
    assert answer.citations == [] and answer.choices[0].message.content


def a_conversation_is_gone_on_with(base):
    answer = client(base).chat.completions.create(model="docent", messages=[
        {"role": "system", "content": "Answer like a pirate."},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "No more than 10 litres."},
        {"role": "user", "content": [{"type": "text", "text": "What neutralises an acid spill?"}]},
    ])
    assert "[1]" in answer.choices[0].message.content and answer.citations


def documents_are_streamed(base):
    stream = client(base).chat.completions.create(
        **ask("docent", QUESTION, stream=True, stream_options={"include_usage": True}))
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert "10 litres" in text
    [last] = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    assert last.choices[0].finish_reason == "stop" and "10 litres" in last.citations[0]["quote"]
    assert chunks[-1].usage is not None and not chunks[-1].choices


def a_generator_answers_by_its_name(base):
    for model in ("chosen", "another"):
        request = ask(model, "Hello", max_tokens=12, temperature=0, seed=3)
        whole = client(base).chat.completions.create(**request)
        assert whole.usage.completion_tokens <= 12 and whole.usage.prompt_tokens > 5
        assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
        assert whole.model == model and whole.choices[0].finish_reason in ("stop", "length")
        chunks = list(client(base).chat.completions.create(**request, stream=True))
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert streamed == whole.choices[0].message.content and len(chunks) > 2


def a_seed_writes_the_same_again(base):
    def write(seed):
        request = ask("chosen", "Tell me", max_completion_tokens=20, temperature=1.5, seed=seed)
        return client(base).chat.completions.create(**request).choices[0].message.content

    assert write(7) == write(7) and len({write(seed) for seed in range(4)}) > 1


def a_stop_is_not_said(base):
    whole = client(base).completions.create(model="chosen", prompt="the", max_tokens=30, temperature=0).choices[0].text
    stop = whole[4:7]
    cut = client(base).completions.create(model="chosen", prompt="the", max_tokens=30, temperature=0, stop=[stop])
    assert cut.choices[0].finish_reason == "stop" and cut.choices[0].text == whole[: whole.index(stop)]


def plain_completions_go_on(base):
    completions = client(base).completions
    whole = completions.create(model="chosen", prompt=["the water"], max_tokens=8, temperature=0)
    assert whole.object == "text_completion" and whole.usage.completion_tokens <= 8
    pieces = completions.create(model="chosen", prompt="the water", max_tokens=8, temperature=0, stream=True)
    assert "".join(piece.choices[0].text for piece in pieces) == whole.choices[0].text
    answer = completions.create(model="docent", prompt=QUESTION)
    assert "10 litres" in answer.choices[0].text and answer.citations


def embeddings_are_vectors(base):
    make = client(base).embeddings.create
    both = make(model="numbers", input=["acid spill", "la derivada"])
    assert [item.index for item in both.data] == [0, 1] and both.usage.prompt_tokens > 0
    vector = both.data[0].embedding
    assert len(vector) == 16 and math.isclose(sum(number * number for number in vector), 1, rel_tol=1e-4)
    plain = make(model="numbers", input="acid spill", encoding_format="float").data[0].embedding
    packed = make(model="numbers", input="acid spill", encoding_format="base64").data[0].embedding
    assert isinstance(packed, str) and len(packed) == 88
    assert all(math.isclose(one, other, abs_tol=1e-6) for one, other in zip(plain, vector))
    assert make(model="numbers", input="x", dimensions=16).data
    fails(openai.UnprocessableEntityError, lambda: make(model="numbers", input="x", dimensions=8), "dimensions")
    fails(openai.BadRequestError, lambda: make(model="numbers", input=[1, 2, 3]), "token")
    fails(openai.NotFoundError, lambda: make(model="chosen", input="x"), "generator")


def answers_take_a_form(base):
    # What random weights write takes a form all the same.
    request = ask("chosen", "Is vinegar safe?", temperature=1.0, seed=1, max_tokens=200)
    for seed in range(3):
        answer = client(base).chat.completions.parse(**(request | {"seed": seed}), response_format=Verdict)
        assert isinstance(answer.choices[0].message.parsed, Verdict), answer
    refused = ask("docent", QUESTION, response_format={"type": "json_object"})
    fails(openai.UnprocessableEntityError, lambda: client(base).chat.completions.create(**refused), "docent")
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "no such type"}}}
    refused = ask("chosen", "x", response_format=schema)
    fails(openai.BadRequestError, lambda: client(base).chat.completions.create(**refused))


def mistakes_are_told_in_the_clients_own_errors(base):
    create = client(base).chat.completions.create
    refused = fails(openai.NotFoundError, lambda: create(**ask("nobody", "x")), "nobody")
    assert refused.code and "chosen" in str(refused), refused
    fails(openai.NotFoundError, lambda: create(**ask("docent/nowhere", "x")))
    wrong = fails(openai.BadRequestError, lambda: create(**ask("chosen", "x", temperature=9)), "temperature")
    assert wrong.param == "temperature" and wrong.type == "invalid_request_error"
    fails(openai.BadRequestError, lambda: create(model="chosen", messages=[]), "messages")
    fails(openai.BadRequestError, lambda: create(**ask("chosen", "x", n=2)), "n is more than 1")
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    fails(openai.BadRequestError, lambda: create(**ask("chosen", "x", tools=[tool])), "tools")
    fails(openai.BadRequestError, lambda: create(**ask("chosen", "word " * 3000)), "long")
    fails(openai.NotFoundError, lambda: client(base).post("/nothing/here", cast_to=object))
    fails(openai.BadRequestError, lambda: client(base).post("/chat/completions", cast_to=object, body=json.loads("[]")))


def fails(error, call, says=""):
    try:
        answer = call()
    except error as refused:
        assert says in str(refused), refused
        return refused
    raise AssertionError(f"no {error.__name__}: {answer}")
