"""The record beside a form: what an answer judges, and what recording it would change."""
