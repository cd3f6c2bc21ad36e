"""The spider; profiles make it a spider of each site (crawler.spiderloader)."""
