"""One running program for each person: a second one hands its wish over and prints the reply."""
