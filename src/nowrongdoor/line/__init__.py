"""The line that people call, write to and chat with: who has each contact, and until when it waits."""
