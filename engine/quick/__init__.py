"""The quick reader: plain text out of a picture in about a second, without a language model.

Its two small networks come with the package ``rapidocr``. Nothing here loads them, or
onnxruntime, before a picture is read.
"""
