//! Replication's side of a feed: what is answered to a request, and what is stored of an answer.
