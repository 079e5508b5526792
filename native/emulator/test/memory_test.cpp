void memory_stories() {}
