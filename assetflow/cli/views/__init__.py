"""Views: pure functions from values to what is shown of them. They print nothing, ask nothing, and know no clock."""
