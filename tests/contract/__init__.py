"""Questions and answers of every kind, as files for those who build on the API.

Each ``*.json`` holds one request to the tiny publication of ``tests/tiny_publication.py`` and the whole answer.
``python -m tests.contract`` writes them anew after a change that was meant.
"""
