void stream_stories() {}
