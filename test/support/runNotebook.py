"""Executes the notebook of the client and writes what it found.

runNotebook.py NOTEBOOK RESULT.json
"""

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

MEASURED = """
import json
json.dumps({
    "errors": errors.tolist(),
    "mapErrors": map_errors[np.isfinite(map_errors)].tolist(),
    "simpleitkDifference": float(np.nanmax(np.abs(mapped - by_simpleitk))),
    "fixedPoints": len(match.fixed_points),
    "landmarks": len(client.landmarks(prior, template)),
})
"""

path, result = (Path(text) for text in sys.argv[1:3])
notebook = nbformat.read(str(path), as_version=4)
notebook.cells.append(nbformat.v4.new_code_cell(MEASURED))
NotebookClient(
    notebook, timeout=500, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
).execute()
*cells, last = (cell for cell in notebook.cells if cell.cell_type == "code")
text = last.outputs[-1]["data"]["text/plain"]
printed = "".join(output.get("text", "") for cell in cells for output in cell.outputs)
# The representation of a text: in quotes.
result.write_text(json.dumps({**json.loads(text.strip("'")), "printed": printed}))
