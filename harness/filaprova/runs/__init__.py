"""What a run leaves: its results, its folders, and how they are judged again."""
