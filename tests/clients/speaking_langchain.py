"""LangChain, over both dialects."""

import asyncio

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_ollama import ChatOllama, OllamaEmbeddings, OllamaLLM
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings

from speaking_openai import QUESTION, Verdict


def chats(base: str):
    yield lambda model, **more: ChatOpenAI(base_url=base + "/v1", api_key="none", model=model, max_retries=0, **more)
    yield lambda model, **more: ChatOllama(base_url=base, model=model, **more)


def documents_are_asked(base):
    for chat in chats(base):
        answer = chat("docent").invoke(QUESTION)
        assert "10 litres" in answer.content, answer
        answer = chat("docent/courses").invoke([
            SystemMessage("Be brief."), HumanMessage(QUESTION), AIMessage("No more than 10 litres."),
            HumanMessage("What neutralises an acid spill?"),
        ])
        assert "[1]" in answer.content, answer


def answers_are_streamed(base):
    for chat in chats(base):
        assert "10 litres" in "".join(chunk.content for chunk in chat("docent").stream(QUESTION))
        chunks = list(chat("chosen", temperature=0, seed=1).bind(stop=["zzz"]).stream("Hello"))
        assert len(chunks) > 2 and any(chunk.response_metadata for chunk in chunks)


def many_are_asked_at_once(base):
    async def ask(chat):
        return await asyncio.gather(*(chat("docent").ainvoke(QUESTION) for _ in range(8)))

    for chat in chats(base):
        assert all("10 litres" in answer.content for answer in asyncio.run(ask(chat)))


def answers_take_a_form(base):
    for chat in chats(base):
        shaped = chat("chosen", temperature=0.9, seed=2).with_structured_output(Verdict, method="json_schema")
        assert isinstance(shaped.invoke("Is vinegar safe?"), Verdict)


def texts_are_gone_on_from(base):
    openai = OpenAI(base_url=base + "/v1", api_key="none", model="chosen", max_tokens=6, max_retries=0)
    ollama = OllamaLLM(base_url=base, model="chosen", num_predict=6)
    for llm in (openai, ollama):
        assert isinstance(llm.invoke("the water"), str)
        assert isinstance("".join(llm.stream("the water")), str)


def texts_become_vectors(base):
    openai = OpenAIEmbeddings(base_url=base + "/v1", api_key="none", model="numbers", check_embedding_ctx_length=False)
    ollama = OllamaEmbeddings(base_url=base, model="numbers")
    for embeddings in (openai, ollama):
        assert [len(vector) for vector in embeddings.embed_documents(["acid", "base"])] == [16, 16]
        assert len(embeddings.embed_query("acid")) == 16
