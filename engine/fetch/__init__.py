"""Getting and keeping the files of a published model: download, check, repair, import, remove."""
