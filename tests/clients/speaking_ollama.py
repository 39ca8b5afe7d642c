"""Ollama's own client."""

import json

import httpx
import ollama

from speaking_openai import QUESTION, Verdict, fails


def client(base: str) -> ollama.Client:
    return ollama.Client(host=base, timeout=60)


def user(text: str):
    return [{"role": "user", "content": text}]


def the_shelf_is_shown(base):
    talk = client(base)
    listed = {model.model: model for model in talk.list().models}
    for name in ("docent", "docent/courses", "chosen", "another", "numbers"):
        assert name in listed, list(listed)
    chosen = listed["chosen"]
    assert chosen.size > 500_000 and len(chosen.digest) == 64 and chosen.modified_at.year > 2020
    assert chosen.details.family == "llama" and chosen.details.quantization_level == "F32", chosen
    shown = talk.show("chosen:latest")
    assert shown.capabilities == ["completion"] and shown.modelinfo["llama.context_length"] == 1024
    assert "im_start" in shown.template
    assert talk.show("numbers").capabilities == ["embedding"]
    assert talk.show("docent").details.family == "docent"
    assert fails(ollama.ResponseError, lambda: talk.show("nobody")).status_code == 404


def documents_answer_with_citations(base):
    talk = client(base)
    answer = talk.chat("docent", user(QUESTION))
    assert "10 litres" in answer.message.content and answer.done and answer.done_reason == "stop"
    assert answer.total_duration > 0
    answer = talk.generate("docent/courses:latest", QUESTION)
    assert "10 litres" in answer.response
    # The client drops what it does not know.
    request = {"model": "docent", "messages": user(QUESTION), "stream": False}
    whole = httpx.post(base + "/api/chat", json=request, timeout=60).json()
    assert "10 litres" in whole["citations"][0]["quote"] and whole["origin"] in ("extracted", "generated")
    streamed = httpx.post(base + "/api/generate", json={"model": "docent", "prompt": QUESTION}, timeout=60)
    assert streamed.headers["content-type"] == "application/x-ndjson"
    assert json.loads(streamed.text.splitlines()[-1])["citations"] == whole["citations"]


def answers_are_streamed(base):
    talk = client(base)
    pieces = list(talk.chat("docent", user(QUESTION), stream=True))
    assert "10 litres" in "".join(piece.message.content for piece in pieces)
    assert [piece.done for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    options = {"num_predict": 10, "temperature": 0}
    whole = talk.generate("chosen", "Hello", options=options)
    pieces = list(talk.generate("chosen", "Hello", options=options, stream=True))
    assert "".join(piece.response for piece in pieces) == whole.response and len(pieces) > 1
    assert pieces[-1].eval_count == whole.eval_count <= 10 and pieces[-1].prompt_eval_count > 0
    assert pieces[-1].eval_duration >= 0 and pieces[-1].load_duration is not None


def a_generator_answers_by_its_name(base):
    talk = client(base)
    for model in ("chosen", "another"):
        answer = talk.chat(model, user("Hello"), options={"num_predict": 5, "seed": 1, "stop": ["\n"], "num_ctx": 512})
        assert answer.model == model and answer.eval_count <= 5
        assert model in [running.model for running in talk.ps().models]
    raw = talk.generate("chosen", "the water", raw=True, system="unused", options={"num_predict": 3})
    assert raw.prompt_eval_count < talk.generate("chosen", "the water", options={"num_predict": 3}).prompt_eval_count


def nothing_to_say_loads_and_unloads(base):
    talk = client(base)
    assert talk.generate("another").done_reason == "load"
    assert "another" in [running.model for running in talk.ps().models]
    assert talk.generate("another", keep_alive=0).done_reason == "unload"
    assert "another" not in [running.model for running in talk.ps().models]
    assert talk.chat("docent").done_reason == "load"


def embeddings_are_vectors(base):
    talk = client(base)
    made = talk.embed("numbers", ["acid spill", "la derivada"])
    assert [len(vector) for vector in made.embeddings] == [16, 16] and made.prompt_eval_count > 0
    assert len(talk.embed("numbers", "acid spill").embeddings) == 1
    assert len(talk.embeddings("numbers", "acid spill").embedding) == 16
    fails(ollama.ResponseError, lambda: talk.embed("chosen", "x"), "generator")


def answers_take_a_form(base):
    talk = client(base)
    for seed in range(3):
        options = {"num_predict": 200, "seed": seed}
        answer = talk.chat("chosen", user("Is vinegar safe?"), format=Verdict.model_json_schema(), options=options)
        Verdict.model_validate_json(answer.message.content)


def mistakes_are_told_in_the_clients_own_errors(base):
    talk = client(base)
    assert fails(ollama.ResponseError, lambda: talk.chat("nobody", user("x")), "nobody").status_code == 404
    wrong = lambda: talk.generate("chosen", "x", options={"temperature": -1})
    assert fails(ollama.ResponseError, wrong, "temperature").status_code == 400
    fails(ollama.ResponseError, lambda: talk.chat("chosen", user("x"), think=True), "think")
    fails(ollama.ResponseError, lambda: list(talk.chat("nobody", user("x"), stream=True)), "nobody")
    tool = {"type": "function", "function": {"name": "f", "description": "", "parameters": {"type": "object"}}}
    fails(ollama.ResponseError, lambda: talk.chat("chosen", user("x"), tools=[tool]), "tools")


def nothing_is_brought_offline_and_nothing_in_use_is_taken_away(base):
    talk = client(base)
    assert fails(ollama.ResponseError, lambda: talk.pull("all-MiniLM-L6-v2"), "offline").status_code == 403
    assert fails(ollama.ResponseError, lambda: list(talk.pull("no-such-model", stream=True))).status_code == 404
    fails(ollama.ResponseError, lambda: talk.delete("chosen"), "chosen")
    assert fails(ollama.ResponseError, lambda: talk.delete("nobody")).status_code == 404
