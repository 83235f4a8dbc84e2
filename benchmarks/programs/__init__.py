"""What runs in fresh processes and is measured, or checks what a measured process left behind."""
