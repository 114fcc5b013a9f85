"""The partner systems to run the hub against: real servers over one made-up, consistent world."""
