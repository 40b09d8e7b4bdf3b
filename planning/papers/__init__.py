"""The paper loop (纸图回收): from a photograph of a marked sheet to places on the ground, and on to comments on behalf."""
