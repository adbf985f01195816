"""What commands lead to: each module decides one kind of thing, by events on a draft."""
