"""The same answer stream from an OpenAI-compatible server: vLLM, llama.cpp, Ollama and others."""
