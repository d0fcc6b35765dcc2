"""Where a report is read: one comment per pull request, one issue for the drift, the job's summary."""
