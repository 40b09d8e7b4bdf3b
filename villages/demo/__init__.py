"""The demo county: real names and codes of 肥城市 (370983), drawn land.

Nothing here imports Django. `generator.county()` draws everything in memory, `python -m villages.demo.files`
writes the plan files a planner would upload. Whatever is drawn is labelled `records.SOURCE`.
"""
