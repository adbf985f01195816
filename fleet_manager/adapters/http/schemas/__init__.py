"""The documents of the API as pydantic models: what is asked, with its limits, and answered."""
