import os

# Workbooks are read with defusedxml, which refuses XML bombs. Where lxml is installed too (another package brings it),
# openpyxl would use that instead and look past the refusal; it asks this once, when it is first imported.
os.environ["OPENPYXL_LXML"] = "False"
